/** Typed messages: contracts of any Standard Schema, codecs by subprotocol, and the document that describes them. */
export { type ErrorCode, SchemaError, type SchemaIssue, UsageError, WebSocketError } from '../errors.ts'
export { type AsyncApiDocument, type AsyncApiOptions, type AsyncApiServer, asyncApi } from './asyncapi.ts'
export { type Codec, json, type MessagePackLibrary, messagePack } from './codec.ts'
export {
  type ClientMessage,
  Contract,
  type ContractParts,
  contract,
  type FromClient,
  type FromServer,
  type ServerMessage,
} from './contract.ts'
export type { ToJsonSchema } from './json-schema.ts'
export { type LineLike, TypedLine, type TypedLineOptions, typedLine } from './line.ts'
export type { NameOf } from './names.ts'
export type {
  Asking,
  FromReply,
  FromRequest,
  ReplyData,
  RequestData,
  RequestName,
  RequestParts,
  RequestsParts,
} from './requests.ts'
export { type Invalid, type Line, TypedSocket } from './socket.ts'
export type {
  InferInput,
  InferOutput,
  StandardConverter,
  StandardIssue,
  StandardProps,
  StandardResult,
  StandardSchema,
} from './standard.ts'
export {
  type Misfit,
  type ReceivedLike,
  type TopicEventsLike,
  type TopicLike,
  TypedTopic,
} from './topic.ts'
export type { FittingName, FromPresence, FromTopic, TopicData, TopicName, TopicParts, TopicsParts } from './topics.ts'
export { type TypedWebSocket, typedWebSocket, type WebSocketHandlers, type WebSocketLike } from './websocket.ts'

/** Peers that bring no types, or that are installed in bench/ only, so that `npm run check` does without them. */
declare module '@trufflesuite/uws-js-unofficial'
declare module '@socket.io/redis-streams-adapter'
declare module 'faye-websocket'
declare module 'permessage-deflate'
declare module 'socket.io'
declare module 'websocket'

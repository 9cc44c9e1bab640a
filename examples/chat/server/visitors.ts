/** Who is at the other end of a line: what the token says, checked once, and the same person after a restart. */
import { createHash } from 'node:crypto'
import { type HandshakeRequest, type Refusal, RequestError, refuse } from 'hotline/server'
import * as v from 'valibot'
import { Budget } from '../../budget.ts'
import { Visitor as Token } from '../messages.ts'

/** Somebody, on one line. */
export class Visitor {
  /** What everybody may know: nobody finds the secret by it, so nobody can be somebody else. */
  readonly key: string
  readonly name: string
  /** What one line may do in a while: so many at once, and so many a second. */
  readonly says = new Budget(20, 4)
  readonly pictures = new Budget(5, 0.5)
  /** A room has two topics. */
  readonly enters = new Budget(40, 2)
  /** Parts of pictures. */
  readonly looks = new Budget(32, 2)
  /** The picture whose pieces are coming. */
  upload: string | undefined

  constructor(secret: string, name: string) {
    this.key = createHash('sha256').update(secret).digest('base64url').slice(0, 16)
    this.name = name
  }
}

/** Lets in who says a name. */
export function authorize({ token }: HandshakeRequest): Visitor | Refusal {
  const { success, output, issues } = v.safeParse(Token, read(token))
  return success ? new Visitor(output.secret, output.name) : refuse(401, issues[0].message)
}

function read(token: string | undefined): unknown {
  try {
    return JSON.parse(token ?? '')
  } catch {
    return undefined
  }
}

/**
 * The visitor of this line, from what `authorize` has put there.
 *
 * @throws RequestError when it is a line of another route, whose clients may not be here
 */
export function visitorOf({ data }: { readonly data: unknown }): Visitor {
  if (!(data instanceof Visitor)) throw new RequestError('denied', 'the chat is at /chat')
  return data
}

/** What a route does with one open socket. */
import type { Session } from '../connection/session.ts'
import { CloseCode } from '../protocol/close.ts'
import type { ErrorContext } from './options.ts'
import type { Handlers, Route, ServerSocket } from './routes.ts'

/** Told which of the application's functions runs, so that an error can be told with its place. */
type PhaseTold = (phase: ErrorContext['phase']) => void

/** Attaches the route in this very step, so that no message can come before. */
export function runRoute(run: Route, socket: ServerSocket, session: Session, phase: PhaseTold): void {
  if (typeof run === 'function') runFunction(() => run(socket as ServerSocket<undefined>), session)
  else if (run.run !== undefined) runFunction(() => run.run?.(socket), session)
  else runHandlers(run, socket, session, phase)
}

/** The line closes when the function returns. */
function runFunction(run: () => unknown, session: Session): void {
  const done = async (): Promise<void> => {
    await run()
    session.connection.close(CloseCode.normal, '')
  }
  session.running(done())
}

function runHandlers(handlers: Handlers, socket: ServerSocket, session: Session, phase: PhaseTold): void {
  phase('open')
  let opening: unknown
  try {
    opening = handlers.open?.(socket)
  } catch (error) {
    session.handlerFailed(error)
  }
  session.deliverTo(message => {
    phase('message')
    return handlers.message?.(socket, message)
  }, opening)
  if (handlers.close === undefined) return
  session.afterLast(closed => {
    phase('close')
    session.running(callClose(handlers, socket, closed))
  })
}

async function callClose(
  handlers: Handlers,
  socket: ServerSocket,
  closed: Parameters<NonNullable<Handlers['close']>>[1],
) {
  await handlers.close?.(socket, closed)
}

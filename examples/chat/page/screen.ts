/** All that is on the screen of the chat, made once; who visits may change. */
import { Composer, type ComposerOwner } from './composer.ts'
import { Log } from './log.ts'
import { LineBadge, RoomList, Typing } from './sides.ts'

export interface ScreenOwner extends ComposerOwner {
  enter(room: string): void
}

export class Screen {
  readonly log = new Log()
  readonly badge = new LineBadge()
  readonly typing = new Typing()
  readonly rooms: RoomList
  readonly composer: Composer

  constructor(owner: ScreenOwner) {
    this.rooms = new RoomList(room => owner.enter(room))
    this.composer = new Composer(owner)
  }
}

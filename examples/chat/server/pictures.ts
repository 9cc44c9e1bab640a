/** Pictures, as far as they have come to this server: bounded, and the oldest go. A line that was lost goes on where it was. */
import { RequestError } from 'hotline/server'
import { type Picture, typeOfPicture } from '../messages.ts'

/** Bytes of all pictures together, also of those that are only announced. */
const BUDGET = 67_108_864

/** A picture as it was announced. */
export interface Announced extends Picture {
  readonly room: string
  readonly id: string
}

export class Upload {
  readonly key: string
  readonly announced: Announced
  readonly bytes: Uint8Array<ArrayBuffer>
  has = 0
  /** False when it had to go. */
  isKept = true
  /** Something of it has been given to other servers. */
  isGiven = false

  constructor(key: string, announced: Announced) {
    this.key = key
    this.announced = announced
    this.bytes = new Uint8Array(announced.size)
  }

  get isWhole(): boolean {
    return this.has === this.bytes.length
  }
}

export class Pictures {
  readonly #uploads = new Map<string, Upload>()
  readonly #budget: number
  readonly #forgotten: (upload: Upload) => void
  #bytes = 0

  /** @param forgotten - told of what is not kept any more */
  constructor(budget = BUDGET, forgotten: (upload: Upload) => void = () => {}) {
    this.#budget = budget
    this.#forgotten = forgotten
  }

  /** The upload of this key: as far as it has come, or a new one. */
  begin(key: string, announced: Announced): Upload {
    const known = this.#uploads.get(key)
    if (known?.announced.room === announced.room && known.bytes.length === announced.size) return known
    this.forget(key)
    for (const oldest of this.#uploads.keys()) {
      if (this.#bytes + announced.size <= this.#budget) break
      this.forget(oldest)
    }
    const upload = new Upload(key, announced)
    this.#uploads.set(key, upload)
    this.#bytes += announced.size
    return upload
  }

  /** @throws RequestError when nobody announced it, it is more than was announced, or no picture */
  add(key: string | undefined, piece: Uint8Array): Upload {
    const upload = this.#uploads.get(key ?? '')
    if (key === undefined || upload === undefined) throw new RequestError('gone', 'there is no picture to add to')
    if (piece.length === 0) throw new RequestError('schema', 'a piece has bytes')
    if (upload.has + piece.length > upload.bytes.length) {
      throw new RequestError('schema', `the picture was announced with ${upload.bytes.length} bytes`)
    }
    if (upload.has === 0 && typeOfPicture(piece) === undefined) {
      this.forget(key)
      throw new RequestError('schema', 'this is no PNG, JPEG, GIF or WebP')
    }
    upload.bytes.set(piece, upload.has)
    upload.has += piece.length
    return upload
  }

  /** Whether it is whole, and of this room. */
  has(key: string, room: string): boolean {
    const upload = this.#uploads.get(key)
    return upload?.announced.room === room && upload.isWhole
  }

  /** @throws RequestError when it is not kept, or not of this room */
  read(key: string, room: string, from: number, length: number): Uint8Array<ArrayBuffer> {
    const upload = this.#uploads.get(key)
    if (upload === undefined || !this.has(key, room)) throw new RequestError('gone', 'the picture is not kept any more')
    return upload.bytes.subarray(from, from + length)
  }

  forget(key: string): void {
    const upload = this.#uploads.get(key)
    if (upload === undefined) return
    this.#uploads.delete(key)
    this.#bytes -= upload.bytes.length
    upload.isKept = false
    this.#forgotten(upload)
  }
}

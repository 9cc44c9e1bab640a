/** Which rooms are busy. */
import type { Server } from 'hotline/server'
import { topicOf } from '../contract.ts'
import type { Rooms } from '../messages.ts'

/** Rooms that are told. */
const MOST = 20

const PREFIX = topicOf('')

/** The rooms that somebody is in, those with the most people first. */
export function busiest({ topics }: Pick<Server, 'topics'>): Rooms {
  const rooms = topics.names.filter(name => name.startsWith(PREFIX))
  return rooms
    .map(topic => ({ room: topic.slice(PREFIX.length), count: topics.presence(topic).count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.room.localeCompare(b.room))
    .slice(0, MOST)
}

/** How many rooms there are, also those in which only old words are. */
export const roomCount = ({ topics }: Pick<Server, 'topics'>): number =>
  topics.names.filter(name => name.startsWith(PREFIX)).length

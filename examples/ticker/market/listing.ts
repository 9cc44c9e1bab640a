/** Who is listed: two hundred companies that do not exist. */
const PLACES =
  'Alder Birch Cedar Delta Ember Fjord Granite Harbor Iris Juniper Kestrel Lumen Maple North Opal Pine Quartz River Sable Tern'
const TRADES = 'Air Bank Chemicals Data Energy Foods Gas Health Instruments Rail'

export interface Listed {
  readonly symbol: string
  readonly name: string
}

/** `ALDA` is Alder Air. */
export const LISTED: readonly Listed[] = PLACES.split(' ').flatMap(place =>
  TRADES.split(' ').map(trade => ({
    symbol: `${place.slice(0, 3)}${trade.slice(0, 1)}`.toUpperCase(),
    name: `${place} ${trade}`,
  })),
)

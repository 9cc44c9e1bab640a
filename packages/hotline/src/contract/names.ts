/** Which topics a pattern has, as types: the compiler finds what the first pattern that fits would be found by, as topics/names.ts does. */

/** Any name that a pattern may have: `room/*` is `room/${string}`. */
export type NameOf<Pattern extends string> = Pattern extends `${infer Head}/${infer Rest}`
  ? `${Head extends '*' ? string : Head}/${NameOf<Rest>}`
  : Pattern extends '*' | '**'
    ? string
    : Pattern

/** The patterns of which one decides for this name: one, where the name is known. */
export type Deciding<Patterns extends string, Name extends string> = Name extends string
  ? First<Patterns, Fitting<Patterns, Segments<Name>>>
  : never

type Segments<Name extends string> = Name extends `${infer Head}/${infer Rest}` ? [Head, ...Segments<Rest>] : [Name]

/** `maybe` where a part of the name that is only known when it runs may be what the pattern wants. */
type Fits<Pattern extends string[], Name extends string[]> = Pattern extends ['**']
  ? Name extends []
    ? 'no'
    : 'yes'
  : Pattern extends [infer Wanted, ...infer Patterns extends string[]]
    ? Name extends [infer Segment, ...infer Names extends string[]]
      ? Wanted extends '*'
        ? Fits<Patterns, Names>
        : Segment extends Wanted
          ? Fits<Patterns, Names>
          : Wanted extends Segment
            ? Maybe<Fits<Patterns, Names>>
            : 'no'
      : 'no'
    : Name extends []
      ? 'yes'
      : 'no'

type Maybe<Fit> = Fit extends 'no' ? 'no' : 'maybe'

/** The patterns that fit, or may fit, by how sure that is. */
type Fitting<Patterns extends string, Name extends string[]> = {
  [P in Patterns]: Fits<Segments<P>, Name>
}

/** Without those that do not fit, and those behind a narrower one that does: a contract has the narrower one first. */
type First<Patterns extends string, Fit extends Record<Patterns, string>> = {
  [P in Patterns]: Fit[P] extends 'no' ? never : Narrower<P, Patterns, Fit> extends never ? P : never
}[Patterns]

/** The patterns that fit for sure and have less topics, all of them this one's. */
type Narrower<P extends Patterns, Patterns extends string, Fit extends Record<Patterns, string>> = {
  [Q in Patterns]: Q extends P
    ? never
    : Fit[Q] extends 'yes'
      ? Covers<Segments<P>, Segments<Q>> extends true
        ? Q
        : never
      : never
}[Patterns]

/** True when the pattern has all topics of the other. */
type Covers<Pattern extends string[], Other extends string[]> = Pattern extends ['**']
  ? Other extends []
    ? false
    : true
  : Pattern extends [infer Wanted, ...infer Patterns extends string[]]
    ? Other extends [infer Segment, ...infer Others extends string[]]
      ? Segment extends '**'
        ? false
        : Wanted extends '*' | Segment
          ? Covers<Patterns, Others>
          : false
      : false
    : Other extends []
      ? true
      : false

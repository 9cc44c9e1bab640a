/** What validators have in common: the interfaces of Standard Schema 1.1, written down so that none of them is needed. */

/** A validator: Zod, Valibot, ArkType and others are ones. https://standardschema.dev */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': StandardProps<Input, Output>
}

/** What stands under `~standard`. */
export interface StandardProps<Input = unknown, Output = Input> {
  readonly version: 1
  /** The name of the library. */
  readonly vendor: string
  readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
  /** For the compiler only. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined
  /** The converter to JSON Schema, where the library has one. https://standardschema.dev/json-schema */
  readonly jsonSchema?: StandardConverter
}

/** The converter of Standard JSON Schema. It throws for what JSON Schema cannot say. */
export interface StandardConverter {
  readonly input: (options: { readonly target: 'draft-07' }) => Record<string, unknown>
}

/** What a validator finds. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One thing that is wrong, and where. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What goes over the wire for a schema; `never` where there is none. */
export type InferInput<S> = S extends StandardSchema ? NonNullable<S['~standard']['types']>['input'] : never

/** What its validator makes of that; `never` where there is none. */
export type InferOutput<S> = S extends StandardSchema ? NonNullable<S['~standard']['types']>['output'] : never

/** Some libraries make their schemas functions. */
export const isSchema = (value: unknown): value is StandardSchema =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof (value as Partial<StandardSchema>)['~standard']?.validate === 'function'

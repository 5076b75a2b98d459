/** Whether two types are one and the same, not merely assignable. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only where `Same<…>` is true: `is<Same<A, B>>()`. */
export declare function is<_T extends true>(): void;
/** Compiles only where it is false: what two types must not be. */
export declare function isNot<_T extends false>(): void;

/** Nothing is left to handle. */
export declare function never(value: never): never;

/** `native-free-rings/atomics`: the seam to the shared memory, for packages whose own protocols the model checker runs. */
export * from '#atomics';

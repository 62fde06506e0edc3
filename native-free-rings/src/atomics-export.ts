/** `native-free-rings/atomics`: the seam for packages that keep shared words of their own, replaced with it by the model checker. */
export * from '#atomics';

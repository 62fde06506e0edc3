/** The checker's own clock: a model may stop the one of its program, since a body must do the same each time it is run. */
export const now: () => number = performance.now.bind(performance);

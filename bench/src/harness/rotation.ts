/** The order of a round: the same list, begun one further in each round, so that nobody always runs after the same neighbour. */
export function rotated<T>(list: readonly T[], round: number): T[] {
  if (list.length === 0) return [];
  const shift = (round - 1) % list.length;
  return [...list.slice(shift), ...list.slice(0, shift)];
}

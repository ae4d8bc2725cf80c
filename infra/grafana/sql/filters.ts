/** The names of the dashboards' own variables. */
export const VARIABLES = { symbol: 'symbol', resolution: 'resolution' } as const;

/** What the variable `symbol` says when every symbol is chosen, also while there is none yet. */
export const ALL_SYMBOLS = 'every symbol';

/**
 * Holds for the rows of the chosen symbols. The format `sqlstring` quotes one symbol as well as many: in a
 * repeated panel the plugin's own formatting would leave the single one bare.
 */
export function chosenSymbols(column: string): string {
  const chosen = `\${${VARIABLES.symbol}:sqlstring}`;
  return `('${ALL_SYMBOLS}' IN (${chosen}) OR ${column} IN (${chosen}))`;
}

/** The worst of some ordered words, from best to worst, as one of the words. */
export function worstOf(column: string, words: readonly string[]): string {
  const ranks = words.map((word, rank) => `WHEN '${word}' THEN ${rank}`).join(' ');
  const names = words.map((word, rank) => `WHEN ${rank} THEN '${word}'`).join(' ');
  return `CASE max(CASE ${column} ${ranks} END) ${names} END`;
}

/** How many rows fulfil a condition: null for no rows at all, so that a panel can say that there are none. */
export function countIf(condition: string): string {
  return `sum(CASE WHEN ${condition} THEN 1 ELSE 0 END)`;
}

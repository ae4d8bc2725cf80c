/** A variable's value: a list where many may be chosen; `raw` is a custom text for all, which goes in as it is. */
export type VariableValue = string | readonly string[] | { readonly raw: string };

/**
 * Puts variables into a query as Grafana does: `${name:sqlstring}` quotes one or many and doubles quotes inside;
 * without a format the plugin's own rule holds, which quotes lists and leaves a single text bare.
 * Sources: grafana/packages/grafana-data and scenes (`VariableFormatID.SQLString`), the plugin's DataSource.ts
 */
export function interpolateVariables(text: string, values: Readonly<Record<string, VariableValue>>): string {
  return text.replace(/\$\{(\w+)(?::(\w+))?\}|\$(\w+)/g, (match, braced, format, bare) => {
    const value = values[braced ?? bare];
    if (value === undefined) return match;
    if (typeof value === 'object' && 'raw' in value) return value.raw;
    if (format !== undefined && format !== 'sqlstring') throw new Error(`no test for the format ${format}`);
    if (format === undefined && typeof value === 'string') return value;
    return (typeof value === 'string' ? [value] : value)
      .map((entry) => `'${entry.replaceAll("'", "''")}'`)
      .join(',');
  });
}

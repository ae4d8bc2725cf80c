import { FunctionMetrics } from '../../../shared/metrics/function-metrics.ts';
import type { MarketSymbol } from '../../../shared/units.ts';

/** The metrics of a function on AWS: CloudWatch reads them from the lines of its log. */
export function lambdaMetrics(
  functionName: string,
  namespace: string,
  symbols: readonly MarketSymbol[] = [],
): FunctionMetrics {
  return new FunctionMetrics(functionName, {
    emit: (line) => console.log(line),
    nowMs: Date.now,
    symbols,
    namespace,
  });
}

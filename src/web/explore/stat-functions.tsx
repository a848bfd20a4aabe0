// What an expression can say, in short: functions, conditions, and names.

import { STAT_FUNCTIONS } from '#explore/stats/evaluate-stat';

export function StatFunctions() {
  return (
    <details class="stat-functions">
      <summary>What can be written</summary>
      <dl>
        {Object.entries(STAT_FUNCTIONS).map(([name, does]) => (
          <div key={name}>
            <dt>
              <code>{name}(…)</code>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
        <div>
          <dt>
            <code>… where key</code>
          </dt>
          <dd>
            only rows for which it holds: <code>not</code>, <code>and</code>, <code>or</code>, <code>=</code>,{' '}
            <code>!=</code>, <code>&lt;</code>, <code>&gt;=</code>, <code>type = "I"</code>
          </dd>
        </div>
        <div>
          <dt>
            <code>duration</code>
          </dt>
          <dd>seconds of the run</dd>
        </div>
        <div>
          <dt>
            <code>metric("bitrate")</code>
          </dt>
          <dd>one of the run’s metrics</dd>
        </div>
        <div>
          <dt>
            <code>+ - * / ( )</code>
          </dt>
          <dd>of numbers, and of columns of one table</dd>
        </div>
      </dl>
    </details>
  );
}

// The page's beginning.

import { render } from 'preact';
import { App } from './shell/app.tsx';
import './style/base.css';
import './style/shell.css';
import './style/table.css';
import './style/benchmark.css';
import './style/compare.css';
import './style/explore.css';
import './style/explore-controls.css';
import './style/explore-compare.css';
import './style/stat-editor.css';
import './style/scene-view.css';
import './style/run.css';
import './style/quality.css';
import './style/heatmap.css';
import './style/flame-graph.css';
import './style/profile-page.css';
import './style/encoders.css';
import './style/titles.css';
import './style/shapes.css';
import './style/live.css';
import './style/live-control.css';
import './style/live-panels.css';
import './style/live-configuration.css';

render(<App />, document.getElementById('app')!);

// One item as a shape: a point that waits, a ring that is ready, a triangle at work, a disc done, a cross failed, a dash cancelled.

import type { DotState } from './title-words.ts';

export function drawDot(
  context: CanvasRenderingContext2D,
  state: DotState,
  style: string,
  x: number,
  y: number,
  pitch: number,
): void {
  const radius = pitch * 0.34;
  context.fillStyle = style;
  context.strokeStyle = style;
  context.lineWidth = Math.max(1.2, pitch * 0.13);
  context.beginPath();
  switch (state) {
    case 'waiting':
      context.arc(x, y, radius * 0.45, 0, 2 * Math.PI);
      context.fill();
      return;
    case 'ready':
      context.arc(x, y, radius * 0.85, 0, 2 * Math.PI);
      context.stroke();
      return;
    case 'running':
      context.moveTo(x - radius * 0.8, y - radius);
      context.lineTo(x + radius * 1.1, y);
      context.lineTo(x - radius * 0.8, y + radius);
      context.fill();
      return;
    case 'done':
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
      return;
    case 'mixed':
      context.arc(x, y, radius * 0.9, 0, 2 * Math.PI);
      context.stroke();
      context.beginPath();
      context.arc(x, y, radius, Math.PI / 2, (3 * Math.PI) / 2);
      context.fill();
      return;
    case 'failed':
      context.moveTo(x - radius, y - radius);
      context.lineTo(x + radius, y + radius);
      context.moveTo(x + radius, y - radius);
      context.lineTo(x - radius, y + radius);
      context.stroke();
      return;
    case 'cancelled':
      context.moveTo(x - radius, y);
      context.lineTo(x + radius, y);
      context.stroke();
      return;
  }
}

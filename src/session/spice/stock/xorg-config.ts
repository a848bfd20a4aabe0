// The configuration of an X server whose screen is a SPICE server: Xorg with the driver spiceqxl, as its package brings it.

export interface XorgScreen {
  readonly width: number;
  readonly height: number;
  /** The plain SPICE port, on 127.0.0.1. */
  readonly port: number;
}

/** Options of spiceqxl: its own spiceqxl.xorg.conf.example. Buffers are in megabytes. */
export function xorgConfig({ width, height, port }: XorgScreen): string {
  const options = {
    SpicePort: port,
    SpiceAddr: '127.0.0.1',
    SpiceDisableTicketing: 'True',
    SpiceStreamingVideo: 'all',
    NumHeads: 1,
    SurfaceBufferSize: 128,
    CommandBufferSize: 128,
    FrameBufferSize: 16,
  };
  return [
    section('ServerFlags', ['Option "AutoAddDevices" "False"', 'Option "AutoAddGPU" "False"']),
    section('Device', [
      'Identifier "qxl"',
      'Driver "spiceqxl"',
      ...Object.entries(options).map(([name, value]) => `Option "${name}" "${value}"`),
    ]),
    section('InputDevice', ['Identifier "pointer"', 'Driver "xspice pointer"']),
    section('InputDevice', ['Identifier "keyboard"', 'Driver "xspice keyboard"']),
    section('Monitor', ['Identifier "monitor"', 'HorizSync 1.0-2000.0', 'VertRefresh 1.0-400.0']),
    section('Screen', [
      'Identifier "screen"',
      'Device "qxl"',
      'Monitor "monitor"',
      'DefaultDepth 24',
      `SubSection "Display"\n    Depth 24\n    Modes "${width}x${height}"\n  EndSubSection`,
    ]),
    section('ServerLayout', [
      'Identifier "layout"',
      'Screen "screen"',
      'InputDevice "pointer" "CorePointer"',
      'InputDevice "keyboard" "CoreKeyboard"',
    ]),
  ].join('');
}

function section(name: string, lines: readonly string[]): string {
  return `Section "${name}"\n${lines.map((line) => `  ${line}\n`).join('')}EndSection\n`;
}

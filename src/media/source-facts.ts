// What the inspecting child tells of a source, before anybody judges it.

import type { AudioStreamInfo, Fraction, OtherStreamInfo, VideoStreamInfo } from '#core/source';

export interface InspectJob {
  readonly path: string;
  /** Frames after which a generated source is taken for endless. */
  readonly maxGeneratedFrames: number;
}

/** The chosen video stream as its packets show it. */
export interface ScannedVideo extends Omit<VideoStreamInfo, 'frameRate' | 'averageFrameRate' | 'variableFrameRate'> {
  readonly frameRate: Fraction | null;
  readonly averageFrameRate: number;
  readonly variableFrameRate: boolean;
  /** Frames that the container's index names; null where it has none. */
  readonly declaredFrames: number | null;
  /** Packets of the stream, those included that are not shown. */
  readonly packets: number;
  readonly missingTimes: boolean;
  readonly decodedFrame: boolean;
  /** Why no frame of it could be decoded; null where one could. */
  readonly decodeError: string | null;
  readonly lastPacketCorrupt: boolean;
  readonly corruptPackets: number;
}

export interface SourceFacts {
  readonly container: string;
  /** Seconds; null where the container does not say. */
  readonly declaredDuration: number | null;
  /** Seconds from the first packet of any stream to the end of the last. */
  readonly measuredDuration: number;
  /** The error that ended the reading; null at the end of the file. */
  readonly readError: string | null;
  readonly endless: boolean;
  readonly video: ScannedVideo | null;
  readonly audio: readonly AudioStreamInfo[];
  readonly others: readonly OtherStreamInfo[];
  /** Streams of pictures that only decorate the file. */
  readonly attachedPictures: number;
}

export type InspectMessage = { readonly kind: 'alive' } | InspectAnswer;

export type InspectAnswer =
  | { readonly kind: 'refused'; readonly code: number; readonly what: string }
  | { readonly kind: 'facts'; readonly facts: SourceFacts };

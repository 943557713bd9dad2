/** The connection as a session sees it: octets and nothing else, so that a session can be run without a network. */
export type Wire = {
  /** Text of replies, ASCII. False where the client does not take them as fast as they come: `drained` follows. */
  write(text: string): boolean;
  /** The last text; what the client still sends is read and dropped, so that the text is not lost in a reset. */
  end(text: string): void;
  /** At once, with nothing said. */
  destroy(): void;
  pause(): void;
  resume(): void;
  /** TLS from here on; `secured` follows, or the connection closes. */
  startTls(): void;
};

/** Every write passes here: once there are replicas, only the one that leads may send. */
export interface WriteGate {
  /** Throws `NotLeader` where this process must not write. */
  check(): void;
}

/** The gate of a process that runs alone. */
export const openGate: WriteGate = {
  check() {
    // Nobody else writes.
  },
};

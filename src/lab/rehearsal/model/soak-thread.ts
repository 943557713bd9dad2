import { parentPort, workerData } from "node:worker_threads";
import { type SoakOptions, soak } from "./soak.ts";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort!.postMessage(soak(workerData as SoakOptions));

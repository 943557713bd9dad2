import { parentPort, workerData } from "node:worker_threads";
import { type SoakOptions, soak } from "./soak.ts";

parentPort!.postMessage(soak(workerData as SoakOptions));

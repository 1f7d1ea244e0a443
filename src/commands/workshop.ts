/** The model workshop as the registry needs it: checkpoints become model directories, and variants are made in them. */

import type { Workshop } from '../clip/workshop.ts'

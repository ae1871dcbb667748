#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Four array tasks share one list: sbatch --export=ALL,LIST=urls.txt,DATA=/scratch/data array.sh
# Submit it again, and only what is not done yet is fetched.
#SBATCH --job-name=swoop-download
#SBATCH --array=0-3
#SBATCH --cpus-per-task=2
#SBATCH --requeue
#SBATCH --signal=TERM@60
set -eu

list=${LIST:-urls.txt}
data=${DATA:-data}
mkdir -p "$data"

# Slurm sends SIGTERM a minute before the time is up; swoop stops with 5, every partial kept. A manifest for each task:
# cat merges them.
status=0
"${SWOOP:-swoop}" --input-file="$list" --dir="$data" --jobs=16 --progress=none \
    --manifest="$data/manifest-$SLURM_ARRAY_TASK_ID.ndjson" || status=$?

# 4 temporary and 5 interrupted: try this task again, if Slurm is here to do it.
if [ "$status" = 4 ] || [ "$status" = 5 ]; then
    scontrol requeue "${SLURM_ARRAY_JOB_ID:-0}_$SLURM_ARRAY_TASK_ID" || true
fi
exit "$status"

#!/usr/bin/env bash
# What nobody has measured on an NVIDIA GPU yet, in one call; it needs the packages of requirements-dev.txt and MNIST:
#     benchmarks/gpu.sh                # the folder runs/gpu gets the log of each step, and summary.txt
#     benchmarks/gpu.sh FOLDER
# The steps come in the order of what they say in a second: whoever has the GPU for a minute has the first figures of all
# that follows. No step keeps the next from its turn: it ends after its time, and a failure is a line of the summary.
set -uo pipefail
cd "$(dirname "$0")/.."
folder=${1:-runs/gpu}
mkdir -p "$folder" && : >"$folder/summary.txt" || exit
missing=0

step() { # step NAME SECONDS COMMAND...
    local name=$1 most=$2 started=$SECONDS code=0
    shift 2
    timeout --signal=INT --kill-after=20 "$most" "$@" >"$folder/$name.log" 2>&1 || code=$?
    [ $code = 0 ] || missing=1
    { echo "== $name: $((SECONDS - started)) s, exit code $code: $*" && tail -n 12 "$folder/$name.log"; } |
        tee -a "$folder/summary.txt"
}

nvidia-smi >"$folder/machine.txt" 2>&1
python -c 'import sys, torch; sys.exit(0 if torch.cuda.is_available() else "torch sees no NVIDIA GPU")' || exit

# Images a second: as many as one processor's Python can ask for, and with the graph.
step speed-short 60 python benchmarks/train_speed.py --device cuda --repeats 1 --seconds 1
# 50 epochs, with what follows them. The goals are 3 s for the MLP and 10 s for the DCGAN.
for model in mlp dcgan; do
    for graph in graph no-graph; do
        step "train-$model-$graph" 180 python train.py --model $model --device cuda --$graph --no-best-response \
            --overwrite --output "$folder/$model-$graph"
    done
done
# The tests that are skipped on other machines; pytest hands them to several processes, each of which warms the GPU up.
step tests 300 python -m pytest -q -n 2 tests/training/test_cuda_graph.py
step speed 240 python benchmarks/train_speed.py --device cuda
step quality 600 python benchmarks/time_to_quality.py --device cuda
step choices 600 python benchmarks/train_choices.py --device cuda

# Every recipe, on both kinds of networks. A call that follows goes on where this one has stopped.
for model in mlp dcgan; do
    printf '%s\n' "output: $folder/recipes-$model" "settings: {model: $model, device: cuda, epochs: 20}" \
        "grid: {recipe: [$(python -c 'from gan_demo.recipes import RECIPES; print(", ".join(RECIPES))')]}" \
        >"$folder/recipes-$model.yaml"
    step "recipes-$model" 900 python -m gan_demo sweep "$folder/recipes-$model.yaml"
done
exit $missing

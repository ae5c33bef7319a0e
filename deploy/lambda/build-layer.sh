#!/bin/sh
# Builds a Lambda layer with @paxx/obs in the folder of the first argument (default: layer), and layer.zip beside it where
# `zip` is installed.
#
#   sh build-layer.sh
#   aws lambda publish-layer-version --layer-name obs --zip-file fileb://layer.zip --compatible-runtimes nodejs22.x nodejs24.x
#
# Then add the layer to the function, with AWS_LAMBDA_EXEC_WRAPPER=/opt/obs-exec and OTEL_EXPORTER_OTLP_ENDPOINT.
# OBS_PACKAGE is what is installed: a version (default @paxx/obs), a folder or a tarball.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
layer=${1:-layer}
mkdir -p "$layer/nodejs"
layer=$(CDPATH= cd -- "$layer" && pwd)
npm install --prefix "$layer/nodejs" --install-links --ignore-scripts --omit=dev --no-audit --no-fund "${OBS_PACKAGE:-@paxx/obs}"
cp "$here/obs-exec" "$layer/obs-exec"
chmod 755 "$layer/obs-exec"
if command -v zip >/dev/null; then
  rm -f "$layer.zip"
  (cd "$layer" && zip -q -r "$layer.zip" nodejs obs-exec)
fi

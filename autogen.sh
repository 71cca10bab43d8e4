#!/bin/sh
# Makes ./configure from the sources of a checkout.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --force --install

#!/bin/bash
# Makes a certificate authority and certificates of nodes 1 and 2 in DIR, for link_bench.
# usage: make_certificates.sh DIR
set -euo pipefail
dir=${1:?usage: make_certificates.sh DIR}
mkdir -p "$dir"

key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

key "$dir/ca.key"
openssl req -x509 -key "$dir/ca.key" -subj "/CN=bench ca" -days 30 -out "$dir/ca.pem"
for node in 1 2; do
  mkdir -p "$dir/$node"
  cp "$dir/ca.pem" "$dir/$node/"
  key "$dir/$node/node.key"
  openssl req -new -key "$dir/$node/node.key" -subj "/CN=node $node" |
    openssl x509 -req -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -days 30 -out "$dir/$node/node.pem" \
      -extfile <(printf 'subjectAltName=DNS:node-%s.bench\nextendedKeyUsage=serverAuth,clientAuth\n' "$node")
done

#!/bin/bash
# Gives Tin3C a user of its own in Elasticsearch, with the rights that docs/settings.md asks for and no more. May be run
# again: it replaces role, user and password. Passwords go to curl through its standard input, not its command line.
set -euo pipefail
secret() { cat "/run/secrets/$1"; }
put() { # PATH BODY
  printf 'user = "elastic:%s"\nrequest = PUT\nheader = "Content-Type: application/json"\ndata = "%s"\n' \
    "$(secret elastic_password)" "${2//\"/\\\"}" |
    curl --silent --show-error --fail-with-body --cacert /run/secrets/search_ca.pem --retry 5 --retry-connrefused \
      -K - "https://elasticsearch:9200$1"
}
put /_security/role/tin3c '{"cluster":["monitor","manage_index_templates"],"indices":[{"names":["tin3c*"],"privileges":["read","write","create_index","manage","view_index_metadata"]}]}'
put /_security/user/tin3c "{\"password\":\"$(secret search_password)\",\"roles\":[\"tin3c\"]}"
echo "The user tin3c may use the indices tin3c*."

#!/bin/sh
set -eu
BASE=https://hand.example
# a query out of parts
curl -sSG https://hand.example/search --data-urlencode "q=shoes & socks" -d page=2
curl -su "ann:very-secret-word" https://hand.example/private -o /dev/null -w '%{http_code}\n'
curl -XPOST https://hand.example/login -d user=ann -d "password=$SHOP_PASSWORD"
TOKEN=$(curl -s --json '{"grant":"x"}' https://hand.example/token | jq -r .ref)
curl -sk -L -H "Authorization: Bearer $TOKEN" https://hand.example/me?full
curl -s -T report.pdf https://hand.example/files/
curl -F file=@a.png https://hand.example/upload
curl -I https://hand.example/head
curl -X DELETE "https://hand.example/items/4711"

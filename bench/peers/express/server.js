// The reference server: an add-on as its publisher would write it after Twilio's sample,
// with Express and Twilio's own library. It answers Lookups as the host does with the
// provider caller-name, out of the same table.
//
// PORT is where it listens, PUBLIC_URL what Twilio calls, AUTH_TOKEN what Twilio signs with.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const express = require("express");
const twilio = require("twilio");

const TABLE = path.join(__dirname, "../../../plugins/caller-name/data/callers.csv");
const NOT_A_NUMBER = ["address_not_accepted", "the add-on has no results for this kind of address"];
const UNLISTED = ["number_unlisted", "the number is not in the directory"];

function readCallers(file) {
  const rows = fs.readFileSync(file, "utf8").trimEnd().split("\n").slice(1);
  return new Map(
    rows.map((row) => {
      const [number, caller_name, caller_type, updated] = row.split(",");
      return [number, { caller_name, caller_type, source: "directory", updated }];
    }),
  );
}

function failure(phone, [error_code, message], request) {
  const request_sid = request.get("x-twilio-requestsid") ?? null;
  return { phone_number: phone, results: {}, error_code, message, request_sid, retryable: false };
}

// Twilio counts a bad status against the publisher: no result is told with a good one.
function lookUp(request, response) {
  const phone = String(request.query.phone ?? "");
  if (!/^\+\d+$/.test(phone)) {
    response.json(failure(phone, NOT_A_NUMBER, request));
    return;
  }
  const results = callers.get(phone);
  response.json(
    results ? { phone_number: phone, results, error_code: null } : failure(phone, UNLISTED, request),
  );
}

const { AUTH_TOKEN, PORT, PUBLIC_URL } = process.env;
const { protocol, host } = new URL(PUBLIC_URL);
const callers = readCallers(TABLE);

const app = express();
// Neither is a part of the answer, and hashing each for an ETag would take time.
app.disable("etag");
app.disable("x-powered-by");
const signed = twilio.webhook(AUTH_TOKEN, { protocol: protocol.slice(0, -1), host });
app.get("/lookups", signed, lookUp);

app.listen(Number(PORT), "127.0.0.1", (error) => {
  if (error) {
    throw error;
  }
  console.log(`listening on http://127.0.0.1:${PORT}`);
});

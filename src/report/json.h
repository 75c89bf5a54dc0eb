// The JSON of docs/json-schema.md: names other programs rely on. Addresses and other 64-bit values are hexadecimal strings; sizes, offsets
// and counts are numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "finding/finding.h"
#include "inspect/card.h"
#include "loader/outcome.h"
#include "target/target.h"

namespace abiscope::report {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json to_json(const finding::Finding& finding);
[[nodiscard]] Json to_json(const std::vector<finding::Finding>& findings);
[[nodiscard]] Json arguments_json(const std::vector<finding::NamedArgument>& arguments);
[[nodiscard]] Json to_json(const Error& error);
[[nodiscard]] Json to_json(const inspect::Subject& subject);

// The members of one `inspect` result beside subject and findings.
[[nodiscard]] Json to_json(const inspect::Card& card);

// The members of one `check` result beside subject, target and findings.
[[nodiscard]] Json to_json(const loader::Outcome& outcome);
[[nodiscard]] Json libraries_json(const loader::Outcome& outcome);
[[nodiscard]] Json bindings_json(const loader::Outcome& outcome);

[[nodiscard]] Json to_json(const target::Target& target);

// {"schema":"abiscope/1","command":..,"version":..,"results":[..],"errors":[..]}
[[nodiscard]] Json document(std::string_view command, Json results, const std::vector<Error>& errors);

// JSON text. Bytes that are not UTF-8 (names out of files) are replaced, never thrown at.
[[nodiscard]] std::string dump(const Json& json, bool pretty);

}  // namespace abiscope::report

// How the readers of this room say that a table could not be read to its end, or holds what cannot be meant.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "finding/sink.h"

namespace abiscope::pe {

// Rule PE-TABLE-DAMAGED. `table` as a reader of the specification would call it ("export directory"); `problem` without a full stop.
void report_damage(finding::Sink& sink, std::string_view table, finding::Evidence evidence, std::string problem);

// The same where the evidence is an Error that a read of the table met.
void report_damage(finding::Sink& sink, std::string_view table, std::string path, const Error& error);

}  // namespace abiscope::pe

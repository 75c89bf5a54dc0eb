// What a PE image does against being exploited, and which tools made it.
#pragma once

#include <vector>

#include "finding/sink.h"
#include "inspect/card.h"
#include "pe/image.h"

namespace abiscope::inspect {

[[nodiscard]] std::vector<Hardening> pe_hardening(const pe::Image& image, finding::Sink& sink);

[[nodiscard]] std::vector<Producer> pe_producers(const pe::Image& image, bool is_go, finding::Sink& sink);

}  // namespace abiscope::inspect

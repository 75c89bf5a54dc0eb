#include "pe/damage.h"

#include <utility>

namespace abiscope::pe {

void report_damage(finding::Sink& sink, std::string_view table, finding::Evidence evidence, std::string problem) {
    sink.add(finding::Finding(finding::RuleId::PE_TABLE_DAMAGED, std::move(evidence))
                 .with("table", std::string(table))
                 .with("problem", std::move(problem)));
}

void report_damage(finding::Sink& sink, std::string_view table, std::string path, const Error& error) {
    std::string reading = error.wanted.empty() ? error.had : error.wanted + " wanted, " + error.had + " there";
    report_damage(sink, table, finding::Evidence::value(std::move(path), error.offset, 0, std::move(reading)), error.what);
}

}  // namespace abiscope::pe

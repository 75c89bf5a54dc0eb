// The debug information of any container: every unit walked, every record built, names looked up.
#include <cstddef>
#include <cstdint>

#include "bytes/source.h"
#include "debuginfo/open_debug.h"
#include "dwarf/all_records.h"
#include "dwarf/functions.h"
#include "dwarf/index.h"

namespace {

using namespace abiscope;

// Any path is the program itself: split units and supplementary files are read from the same bytes.
class Itself final : public debuginfo::FileFinder {
public:
    explicit Itself(SourcePtr source) : source_(std::move(source)) {}
    Result<SourcePtr> open(const std::string&) override { return source_; }

private:
    SourcePtr source_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Limits limits;
    limits.decompressed_bytes = 1 << 22;
    limits.libraries = 4;
    finding::Sink sink(limits);
    auto source = Source::from_foreign("fuzz", std::as_bytes(std::span(data, size)), {});
    Itself finder(source);
    auto debug = debuginfo::open_debug(source, &finder, limits, sink);
    if (!debug) {
        static_cast<void>(debug.error().describe());
        return 0;
    }
    auto index = dwarf::TypeIndex::build(*debug, 1, sink);
    std::size_t fields = 0;
    dwarf::visit_records(
        *debug, index, 1, true, sink,
        [&](std::size_t, const abi::TypeTable& table, abi::TypeId id) { fields += table.record(table.resolve(id)) != nullptr; },
        [](std::size_t, std::size_t) {});
    abi::TypeTable table;
    dwarf::TypeBuilder builder(*debug, table, &index, sink, {.threads = 1});
    for (const auto& found : dwarf::find_types(*debug, "*", 1, sink)) static_cast<void>(builder.complete(builder.build(found.ref)));
    for (const auto& found : dwarf::find_functions(*debug, "*a*", 1, sink)) static_cast<void>(dwarf::read_function(builder, found));
    return fields > size ? 1 : 0;
}

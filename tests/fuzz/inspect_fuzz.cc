// The whole of `abiscope inspect`: any bytes to a card, and the card to text and JSON.
#include <cstddef>
#include <cstdint>
#include <span>

#include "bytes/source.h"
#include "inspect/inspect.h"
#include "report/inspect_text.h"
#include "report/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    auto bytes = std::as_bytes(std::span(data, size));
    SourcePtr source = Source::from_memory("input", {bytes.begin(), bytes.end()});
    inspect::Options options;
    options.sweep = true;
    options.limits.decompressed_bytes = 1 << 22;
    finding::Sink sink(options.limits);
    auto card = inspect::inspect(source, options, sink);
    if (!card) {
        static_cast<void>(report::dump(report::to_json(card.error()), true));
        return 0;
    }
    report::Inspected one{*std::move(card), source, sink.take(), sink.dropped()};
    report::Style style{};
    static_cast<void>(report::inspect_text(one, {}, style));
    static_cast<void>(report::side_by_side({one, one}, {}, style));
    static_cast<void>(report::dump(report::to_json(one.card), true));
    static_cast<void>(report::dump(report::to_json(one.findings), false));
    return 0;
}

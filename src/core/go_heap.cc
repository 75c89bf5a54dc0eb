#include "core/go_heap.h"

#include <algorithm>

namespace abiscope::core {

std::optional<GoHeap> GoHeap::open(const GoProcess& go) {
    const golang::Program& program = go.program();
    auto reader = golang::HeapReader::make(program.memory(), program.release(), go.machine().architecture);
    if (!reader) return std::nullopt;
    GoHeap out(go, *reader);
    out.spans_ = reader->find_spans(program.main().module);
    if (out.spans_.empty()) return std::nullopt;
    return out;
}

bool GoHeap::uses(const Region& region) const {
    auto first = std::ranges::lower_bound(spans_, region.start, {}, [](const golang::Span& span) { return span.memory.start; });
    return first != spans_.end() && first->memory.start < region.end;
}

std::optional<GoHeapPlace> GoHeap::at(std::uint64_t address) const {
    auto behind = std::ranges::upper_bound(spans_, address, {}, [](const golang::Span& span) { return span.memory.start; });
    if (behind == spans_.begin() || !std::prev(behind)->memory.contains(address)) return std::nullopt;
    const golang::Span& span = *std::prev(behind);
    GoHeapPlace out{.span = span, .object = reader_.object_at(span, address), .type = {}};
    if (!out.object || out.object->type == 0) return out;
    for (const golang::FoundModule& module : go_->program().modules()) {
        if (!module.module.types.contains(out.object->type)) continue;
        if (auto type = go_->program().types(module).read(out.object->type)) {
            out.type = type->text;
            out.type_size = type->size;
        }
    }
    return out;
}

}  // namespace abiscope::core

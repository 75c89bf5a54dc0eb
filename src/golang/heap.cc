#include "golang/heap.h"

#include <algorithm>

#include "golang/pointer_slices.h"
#include "golang/release_data.h"

namespace abiscope::golang {

namespace {

constexpr std::uint64_t page = 8192;                          // runtime.pageSize, every release and architecture
constexpr std::uint64_t most_spans = std::uint64_t{1} << 28;
constexpr std::uint64_t most_pages = std::uint64_t{1} << 35;
constexpr std::uint64_t span_classes = 136;                   // runtime.numSpanClasses: each of 68 sizes with and without pointers
constexpr Release first_with_headers{22};                     // a word before each object of middling size says its type

}  // namespace

std::string_view to_string(SpanState state) {
    switch (state) {
        case SpanState::dead: return "dead";
        case SpanState::in_use: return "in use";
        case SpanState::manual: return "manual";
    }
    return "dead";
}

std::optional<HeapReader> HeapReader::make(const Memory& memory, Release release, std::string_view architecture) {
    auto layout = struct_layout("runtime.mspan", release, architecture);
    if (!layout) return std::nullopt;
    HeapReader out(memory, release);
    out.size_ = layout->size();
    bool whole = true;
    auto place = [&](std::string_view name) {
        auto found = layout->field(name);
        whole = whole && found;
        return found ? Field{found->offset, found->size} : Field{};
    };
    out.at_ = {.start = place("startAddr"),
               .pages = place("npages"),
               .state = place("state"),
               .span_class = place("spanclass"),
               .element_size = place("elemsize"),
               .elements = place("nelems"),
               .free_index = place("freeindex"),
               .allocation_bits = place("allocBits"),
               .large_type = {}};
    if (auto found = layout->field("largeType")) out.at_.large_type = Field{found->offset, found->size};
    if (!whole) return std::nullopt;
    return out;
}

std::optional<std::uint64_t> HeapReader::number(std::uint64_t address, Field field) const {
    address += field.offset;
    switch (field.size) {
        case 1: return memory_->integer<std::uint8_t>(address);
        case 2: return memory_->integer<std::uint16_t>(address);
        case 4: return memory_->integer<std::uint32_t>(address);
        default: return memory_->integer<std::uint64_t>(address);
    }
}

bool HeapReader::looks_like_span(std::uint64_t address) const {
    if (address == 0 || address % memory_->word() != 0 || !memory_->bytes(address, size_)) return false;
    std::uint64_t start = *number(address, at_.start), pages = *number(address, at_.pages), state = *number(address, at_.state);
    if (state > static_cast<std::uint64_t>(SpanState::manual) || start % page != 0 || pages >= most_pages) return false;
    if (state == static_cast<std::uint64_t>(SpanState::dead)) return true;
    if (start == 0 || pages == 0) return false;
    if (state == static_cast<std::uint64_t>(SpanState::manual)) return true;
    std::uint64_t size = *number(address, at_.element_size), elements = *number(address, at_.elements);
    return *number(address, at_.span_class) < span_classes && size != 0 && size <= pages * page && elements <= pages * page / size &&
        *number(address, at_.free_index) <= elements;
}

std::vector<Span> HeapReader::find_spans(const Module& module) const {
    std::vector<Span> out;
    for (std::uint64_t one : longest_pointer_slice(*memory_, module, most_spans, [&](std::uint64_t at) { return looks_like_span(at); })) {
        if (Span span = read(one); span.state != SpanState::dead) out.push_back(span);
    }
    std::ranges::sort(out, {}, [](const Span& span) { return span.memory.start; });
    return out;
}

Span HeapReader::read(std::uint64_t address) const {
    Span out;
    out.address = address;
    std::uint64_t start = *number(address, at_.start);
    out.memory = {start, start + *number(address, at_.pages) * page};
    out.state = static_cast<SpanState>(*number(address, at_.state));
    std::uint64_t span_class = *number(address, at_.span_class);
    out.size_class = static_cast<std::uint8_t>(span_class >> 1);
    out.holds_pointers = (span_class & 1) == 0;
    out.element_size = *number(address, at_.element_size);
    out.elements = *number(address, at_.elements);
    out.free_index = *number(address, at_.free_index);
    out.allocation_bits = *number(address, at_.allocation_bits);
    if (at_.large_type) out.large_type = *number(address, *at_.large_type);
    return out;
}

std::optional<HeapObject> HeapReader::object_at(const Span& span, std::uint64_t address) const {
    if (span.state != SpanState::in_use || !span.memory.contains(address) || span.element_size == 0) return std::nullopt;
    HeapObject out;
    out.index = (address - span.memory.start) / span.element_size;
    if (out.index >= span.elements) return std::nullopt;
    out.start = span.memory.start + out.index * span.element_size;
    out.size = span.element_size;
    if (out.index < span.free_index) {
        out.allocated = true;
    } else if (auto bits = memory_->integer<std::uint8_t>(span.allocation_bits + out.index / 8)) {
        out.allocated = (*bits >> (out.index % 8) & 1) != 0;
    }
    if (release_ < first_with_headers || !span.holds_pointers) return out;
    if (span.size_class == 0) {
        out.type = span.large_type;
    } else if (std::uint64_t in_span = std::uint64_t{memory_->word()} * memory_->word() * 8; out.size > in_span) {
        out.header = 8;
        if (out.allocated.value_or(false)) out.type = memory_->pointer(out.start).value_or(0);
    }
    return out;
}

}  // namespace abiscope::golang

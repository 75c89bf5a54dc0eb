#include <fmt/format.h>

#include "base/text.h"
#include "report/demangle.h"
#include "report/place_view.h"

namespace abiscope::report {

namespace {

std::string range_words(std::uint64_t start, std::uint64_t end) { return fmt::format("{:#x} to {:#x}", start, end); }

std::string line(std::string_view label, std::string_view value, const Style& style) {
    return fmt::format("  {} {}\n", style.paint(Tone::accent, fmt::format("{:8}", label)), value);
}

std::string function_words(core::Crash& crash, std::uint64_t pc, std::uint64_t lookup) {
    const core::Location& location = crash.symbols.at(lookup);
    std::string out = location.function.empty() ? fmt::format("{:#x}", pc)
                                                : fmt::format("{}+{:#x}", demangled(location.function), pc - location.function_start);
    if (!location.file.empty()) out += fmt::format(" at {}:{}", text::printable(location.file), location.line);
    return out;
}

std::string unmapped_words(const core::Process& process, const core::Place& place) {
    if (!place.canonical) return "no address of this machine: bits 63 to 47 differ";
    std::string out = place.address < 0x10000 ? fmt::format("nothing is mapped there: a null pointer plus {:#x}", place.address)
                                              : std::string("nothing is mapped there");
    auto name = [&](std::uint64_t address) {
        std::string found = process.place_name(address);
        return found.empty() ? fmt::format("the mapping at {:#x}", address) : text::printable(found);
    };
    if (place.before != nullptr)
        out += fmt::format("; {:#x} bytes behind the end of {}", place.address - place.before->end, name(place.before->start));
    if (place.after != nullptr) out += fmt::format("; {:#x} bytes before {}", place.after->start - place.address, name(place.after->start));
    return out;
}

std::string object_words(const core::GoHeapPlace& place, std::uint64_t address) {
    if (!place.object) {
        if (place.span.state == golang::SpanState::manual) return "a stack of Go, or memory its runtime keeps for itself";
        return "the tail of a span, behind its last object";
    }
    const golang::HeapObject& object = *place.object;
    std::string out = fmt::format("byte {} of a Go heap object of {} bytes at {:#x}", address - object.start, object.size, object.start);
    if (!object.allocated) out += ", allocated or not: cannot tell";
    else if (!*object.allocated) out += ", which is free";
    if (!place.type.empty()) {
        bool array = place.type_size != 0 && (object.size - object.header) / place.type_size >= 2;
        out += fmt::format(", {} {}", array ? "elements of type" : "of type", text::printable(place.type));
    } else if (!place.span.holds_pointers) {
        out += ", without pointers";
    }
    return out;
}

std::string stack_words(core::Crash& crash, const core::StackPlace& stack) {
    std::string of = stack.goroutine ? fmt::format("goroutine {}", *stack.goroutine) : fmt::format("thread {}", stack.thread);
    if (!stack.below.empty()) return fmt::format("of {}: {}", of, stack.below);
    std::string out = fmt::format("of {}, frame #{} {}, at its stack pointer + {:#x}", of, stack.frame,
                                  function_words(crash, stack.pc, stack.lookup_pc), stack.offset);
    if (!stack.goroutine) return out;
    if (stack.slot) return out + fmt::format("; the stack map has it as a live pointer ({})", core::to_string(*stack.slot));
    if (!stack.slots_unknown.empty()) return out + "; " + stack.slots_unknown;
    return out + "; the stack map has no live pointer there";
}

// A value, if it is an address of anything.
std::string leads_to(core::Crash& crash, std::uint64_t value, const core::GoHeap* heap) {
    if (heap != nullptr) {
        if (auto place = heap->at(value)) return object_words(*place, value);
    }
    const core::Location& location = crash.symbols.at(value);
    if (!location.function.empty()) return fmt::format("{}+{:#x}", demangled(location.function), value - location.function_start);
    return crash.process.place_name(value);
}

std::string origin_words(const core::Place& place) {
    switch (place.origin) {
        case core::Origin::dump: return fmt::format("in the dump, at offset {:#x}", place.core_offset.value_or(0));
        case core::Origin::file: return "not in the dump; in the file that is proved to be mapped there";
        case core::Origin::unknown: break;
    }
    return "not in the dump, and in no file that is proved to be mapped there";
}

}  // namespace

std::string place_text(core::Crash& crash, const core::Place& place, const core::GoHeap* heap, const Style& style) {
    std::string out = style.paint(Tone::strong, fmt::format("{:#x}", place.address)) + ":";
    if (place.region == nullptr) return fmt::format("{} {}\n", out, unmapped_words(crash.process, place));
    out += fmt::format(" {} {}, {}\n", text::printable(place.name), place.region->permissions(),
                       range_words(place.region->start, place.region->end));
    if (place.file != nullptr)
        out += line("file",
                    fmt::format("{}, offset {:#x}{}", text::printable(place.file->path), place.file_offset,
                                place.section.empty() ? "" : ", " + text::printable(place.section)),
                    style);
    if (!place.symbol.empty()) out += line("symbol", fmt::format("{}+{:#x}", demangled(place.symbol), place.symbol_offset), style);
    else if (const core::Location& location = crash.symbols.at(place.address); place.region->executable() && !location.function.empty())
        out += line("function", function_words(crash, place.address, place.address), style);
    if (place.stack) out += line("stack", stack_words(crash, *place.stack), style);
    if (place.go_heap && !place.stack) out += line("Go heap", object_words(*place.go_heap, place.address), style);
    if (place.go_unused) out += line("Go heap", "in no span that is in use: freed, or never used", style);
    out += line("bytes", origin_words(place), style);
    if (place.word) {
        std::string value = fmt::format("{:#x}", *place.word);
        if (std::string target = leads_to(crash, *place.word, heap); !target.empty()) value += ": " + text::printable(target);
        out += line("word", value, style);
    }
    return out;
}

std::string slots_text(core::Crash& crash, const core::FrameSlots& slots, const core::GoHeap* heap, const Style& style) {
    std::string out;
    auto add = [&](const std::string& words) { out += "          " + style.paint(Tone::faint, words) + "\n"; };
    if (!slots.why_not.empty()) add("live: " + slots.why_not);
    for (const core::LiveSlot& slot : slots.slots) {
        std::string words = fmt::format("live {} {:#x}", core::to_string(slot.kind), slot.address);
        if (!slot.value) words += ", not in the dump";
        else if (*slot.value == 0) words += " = nil";
        else {
            words += fmt::format(" = {:#x}", *slot.value);
            if (std::string target = leads_to(crash, *slot.value, heap); !target.empty()) words += ", " + text::printable(target);
        }
        add(words);
    }
    return out;
}

namespace {

Json object_json(const core::GoHeapPlace& place) {
    Json json{{"span",
               {{"start", text::hex(place.span.memory.start)},
                {"end", text::hex(place.span.memory.end)},
                {"state", golang::to_string(place.span.state)},
                {"element_size", place.span.element_size},
                {"holds_pointers", place.span.holds_pointers}}}};
    if (!place.object) return json;
    json["start"] = text::hex(place.object->start);
    json["size"] = place.object->size;
    json["index"] = place.object->index;
    if (place.object->allocated) json["allocated"] = *place.object->allocated;
    if (!place.type.empty()) json["type"] = place.type;
    return json;
}

Json stack_json(core::Crash& crash, const core::StackPlace& stack) {
    Json json = Json::object();
    if (stack.goroutine) json["goroutine"] = *stack.goroutine;
    else json["thread"] = stack.thread;
    if (!stack.below.empty()) {
        json["outside"] = stack.below;
        return json;
    }
    json["frame"] = stack.frame;
    json["pc"] = text::hex(stack.pc);
    json["sp_offset"] = stack.offset;
    const core::Location& location = crash.symbols.at(stack.lookup_pc);
    if (!location.function.empty()) json["function"] = location.function;
    if (stack.slot) json["live"] = core::to_string(*stack.slot);
    if (!stack.slots_unknown.empty()) json["live_unknown"] = stack.slots_unknown;
    return json;
}

}  // namespace

Json place_json(core::Crash& crash, const core::Place& place) {
    Json json{{"address", text::hex(place.address)}, {"mapped", place.region != nullptr}};
    if (!place.canonical) json["canonical"] = false;
    if (place.region == nullptr) {
        if (place.before != nullptr) json["bytes_behind"] = place.address - place.before->end;
        if (place.after != nullptr) json["bytes_before"] = place.after->start - place.address;
        json["reading"] = unmapped_words(crash.process, place);
        return json;
    }
    json["name"] = place.name;
    json["permissions"] = place.region->permissions();
    json["start"] = text::hex(place.region->start);
    json["end"] = text::hex(place.region->end);
    json["origin"] = place.origin == core::Origin::dump ? "dump" : place.origin == core::Origin::file ? "file" : "unknown";
    if (place.core_offset) json["core_offset"] = *place.core_offset;
    if (place.file != nullptr) json["file"] = {{"path", place.file->path}, {"offset", place.file_offset}};
    if (!place.section.empty()) json["section"] = place.section;
    if (!place.symbol.empty()) json["symbol"] = {{"name", place.symbol}, {"offset", place.symbol_offset}};
    if (place.stack) json["stack"] = stack_json(crash, *place.stack);
    if (place.go_heap && !place.stack) json["go_object"] = object_json(*place.go_heap);
    if (place.go_unused) json["go_unused"] = true;
    if (place.word) json["word"] = text::hex(*place.word);
    return json;
}

Json slots_json(core::Crash& crash, const core::FrameSlots& slots, const core::GoHeap* heap) {
    Json json = Json::array();
    for (const core::LiveSlot& slot : slots.slots) {
        Json one{{"kind", core::to_string(slot.kind)}, {"address", text::hex(slot.address)}};
        if (slot.value) {
            one["value"] = text::hex(*slot.value);
            auto place = heap != nullptr ? heap->at(*slot.value) : std::nullopt;
            if (place && place->object) one["object"] = object_json(*place);
            else if (place) one["points_into"] = "[goroutine stack]";
            else if (std::string name = crash.process.place_name(*slot.value); !name.empty()) one["points_into"] = name;
        }
        json.push_back(std::move(one));
    }
    return json;
}

}  // namespace abiscope::report

#include <fmt/format.h>

#include "base/text.h"
#include "core/spec.h"
#include "report/core_view.h"
#include "report/finding_words.h"
#include "report/place_view.h"

namespace abiscope::report {

namespace {

Json signal_json(const core::SignalInfo& signal) {
    Json json{{"number", signal.number}};
    std::string_view name = core::signal_name(signal.number);
    if (!name.empty()) json["name"] = name;
    if (!signal.complete) return json;
    json["code"] = signal.code;
    std::string_view code = core::code_name(signal.number, signal.code);
    if (!code.empty()) json["code_name"] = code;
    if (signal.address && core::is_fault(signal.number)) json["address"] = text::hex(*signal.address);
    if (signal.sender_pid) json["sender_pid"] = *signal.sender_pid;
    if (signal.sender_uid) json["sender_uid"] = *signal.sender_uid;
    if (signal.system_call) json["system_call"] = *signal.system_call;
    return json;
}

Json registers_json(const core::Registers& registers) {
    Json json = Json::object();
    if (registers.layout() == nullptr) return json;
    for (const core::RegisterPlace& place : registers.layout()->registers) {
        if (auto value = registers.get(place.name)) json[std::string(place.name)] = text::hex(*value);
    }
    return json;
}

Json source_json(const std::string& file, std::uint32_t line) {
    Json json = Json::object();
    if (file.empty()) return json;
    json["file"] = file;
    if (line != 0) json["line"] = line;
    return json;
}

Json inlined_json(const core::Location::Inlined& call) {
    Json json = source_json(call.file, call.line);
    json["function"] = call.function;
    return json;
}

Json frame_json(core::Crash& crash, const core::StackItem& item, bool described) {
    const core::Frame& frame = item.frame;
    const core::Location& location = described ? crash.symbols.described(frame.lookup_pc()) : crash.symbols.at(frame.lookup_pc());
    Json json{{"pc", text::hex(frame.pc)}, {"sp", text::hex(frame.sp)}};
    if (frame.cfa) json["cfa"] = text::hex(*frame.cfa);
    if (!location.function.empty()) {
        json["function"] = location.function;
        json["offset"] = frame.pc - location.function_start;
    }
    json.update(source_json(location.file, location.line));
    for (const core::Location::Inlined& one : location.inlined) json["inlined"].push_back(inlined_json(one));
    if (location.module != nullptr) json["module"] = location.module->path;
    json["trust"] = core::to_string(frame.trust);
    if (frame.signal) json["signal"] = signal_json(frame.signal->info);
    if (item.repeats != 0) json["folded"] = Json{{"frames", item.cycle}, {"repeats", item.repeats}, {"bytes_each", item.bytes}};
    return json;
}

const core::GoHeap* heap_of(const CoreAnswer& answer) { return answer.heap ? &*answer.heap : nullptr; }
const std::vector<core::FrameSlots> none;

constexpr std::size_t most_described = 512;   // the middle of a deep stack has names only

void describe_frames(core::Crash& crash, const core::Stack& stack) {
    std::vector<std::uint64_t> addresses;
    for (const core::StackItem& item : stack.items) {
        if (addresses.size() < most_described) addresses.push_back(item.frame.lookup_pc());
    }
    crash.symbols.describe(addresses);
}

// With what of each frame is alive, where `slots` has something for it.
Json frames_json(core::Crash& crash, const core::Stack& stack, const std::vector<core::FrameSlots>& slots, const core::GoHeap* heap) {
    describe_frames(crash, stack);
    Json json = Json::array();
    for (std::size_t i = 0; i < stack.items.size(); ++i) {
        Json one = frame_json(crash, stack.items[i], i < most_described);
        if (i < slots.size() && slots[i].known) one["live_slots"] = slots_json(crash, slots[i], heap);
        if (i < slots.size() && !slots[i].why_not.empty()) one["live_unknown"] = slots[i].why_not;
        json.push_back(std::move(one));
    }
    return json;
}

Json goroutines_json(const CoreAnswer& answer) {
    Json json = Json::array();
    core::Crash& crash = *answer.crash;
    for (std::size_t i = 0; i < answer.goroutines->groups.size(); ++i) {
        const core::GoroutineGroup& group = answer.goroutines->groups[i];
        Json one{{"count", group.ids.size()}, {"ids", group.ids}, {"state", group.first.status_name}};
        if (!group.first.wait_reason.empty()) one["wait_reason"] = group.first.wait_reason;
        if (group.first.syscall_sp != 0) one["in_system_call"] = true;
        if (group.waiting_for != 0) one["waiting_nanoseconds"] = group.waiting_for;
        one["frames"] =
            frames_json(crash, group.stack, i < answer.goroutine_slots.size() ? answer.goroutine_slots[i] : none, heap_of(answer));
        one["end"] = group.stack.end;
        if (std::uint64_t created_at = core::created_at(group.first); created_at != 0) {
            const core::Location& location = crash.symbols.at(created_at - 1);
            one["created_by"] = {{"function", location.function}, {"file", location.file}, {"line", location.line}};
        }
        json.push_back(std::move(one));
    }
    return json;
}

Json modules_json(const core::Process& process) {
    Json json = Json::array();
    for (const core::Module& module : process.modules) {
        Json one{{"path", module.path},
                 {"start", text::hex(module.start)},
                 {"end", text::hex(module.end)},
                 {"file", core::to_string(module.state)}};
        if (!module.build_id.empty()) one["build_id"] = module.build_id;
        if (!core::is_usable(module.state) && !module.file_build_id.empty()) one["file_build_id"] = module.file_build_id;
        if (!module.opened.empty() && module.opened != module.path) one["opened"] = module.opened;
        json.push_back(std::move(one));
    }
    return json;
}

}  // namespace

Json facts_json(const std::vector<rules::Fact>& facts) {
    Json json = Json::array();
    for (const rules::Fact& fact : facts) {
        Json one{{"kind", rules::to_string(fact.kind)}, {"source", fact.source}};
        if (!fact.name.empty()) one["name"] = fact.name;
        using rules::FactKind;
        if (fact.kind == FactKind::signal || fact.kind == FactKind::reg) one["value"] = text::hex(fact.value);
        if (fact.kind == FactKind::memory || fact.kind == FactKind::mapping || fact.kind == FactKind::unmapped)
            one["address"] = text::hex(fact.address);
        if (fact.kind == FactKind::memory) one["bytes"] = fact.text;
        if (fact.kind == FactKind::mapping) one["permissions"] = fact.text;
        if (fact.context != 0) one["context"] = text::hex(fact.context);
        if (fact.file_offset) one["file_offset"] = *fact.file_offset;
        one["reading"] = fact.reading;
        json.push_back(std::move(one));
    }
    return json;
}

Json core_json(const CoreAnswer& answer) {
    core::Crash& crash = *answer.crash;
    const core::Process& process = crash.process;
    Json json;
    Json subject{{"path", answer.path}, {"format", "ELF"}, {"kind", "core"}, {"bits", process.wide() ? 64 : 32}};
    if (process.layout != nullptr) subject["arch"] = process.layout->name;
    json["subject"] = std::move(subject);
    if (process.notes.process) {
        json["process"] = {
            {"pid", process.notes.process->pid}, {"name", process.notes.process->name}, {"arguments", process.notes.process->arguments}};
    }
    json["verdict"] = answer.diagnosis.cause ? "cause" : "unknown";
    if (const auto& cause = answer.diagnosis.cause) {
        const finding::Finding& finding = cause->finding;
        Json one{{"id", finding::rule(finding.rule()).name},
                 {"title", title(finding)},
                 {"confidence", finding::to_string(finding.confidence())}};
        if (!finding.confidence_reason().empty()) one["confidence_reason"] = finding.confidence_reason();
        one["arguments"] = arguments_json(finding.arguments());
        one["facts"] = facts_json(cause->facts);
        one["rejected"] = Json::array();
        for (const auto& rejected : finding.rejected())
            one["rejected"].push_back({{"id", rejected.lookalike}, {"because", rejected.because}});
        one["help"] = Json::array();
        for (const finding::Fix& fix : finding.fixes()) one["help"].push_back(fix.text);
        json["cause"] = std::move(one);
    } else {
        json["missing"] = answer.diagnosis.missing;
    }
    if (answer.bucket) json["bucket"] = {{"id", answer.bucket->id}, {"cause", answer.bucket->cause}, {"frames", answer.bucket->frames}};
    json["signal"] = signal_json(crash.signal);
    if (crash.fault.instruction) {
        json["instruction"] = {{"address", text::hex(crash.fault.pc)},
                               {"text", crash.fault.instruction->text},
                               {"bytes", text::hex_bytes(crash.fault.instruction->bytes)}};
    }
    json["threads"] = Json::array();
    for (std::size_t i = 0; i < process.notes.threads.size(); ++i) {
        const core::ThreadStatus& thread = process.notes.threads[i];
        Json one{{"id", thread.id}, {"signal", thread.signal}, {"registers", registers_json(thread.registers)}};
        if (i < answer.thread_stacks.size()) {
            one["frames"] = frames_json(crash, answer.thread_stacks[i], {}, nullptr);
            one["end"] = answer.thread_stacks[i].end;
        }
        json["threads"].push_back(std::move(one));
    }
    json["frames"] = frames_json(crash, crash.stack, answer.slots, heap_of(answer));
    json["frame_count"] = crash.stack.frames;
    json["end"] = crash.stack.end;
    if (answer.goroutines) json["goroutines"] = goroutines_json(answer);
    json["modules"] = modules_json(process);
    json["lost"] = process.lost;
    json["findings"] = answer.diagnosis.cause ? to_json(std::vector{answer.diagnosis.cause->finding}) : Json::array();
    return json;
}

}  // namespace abiscope::report

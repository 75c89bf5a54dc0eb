#include "core/goroutine_stacks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "golang/goroutines.h"

namespace abiscope::core {

namespace {

constexpr std::uint64_t most_frames = 4096;
constexpr std::uint64_t most_goroutines = 10'000'000;

// The frames of a thread that lie on the goroutine's stack.
Stack part_on(const golang::Goroutine& goroutine, const Stack& thread) {
    Stack out;
    for (const StackItem& item : thread.items) {
        if (on_stack(goroutine, item.frame.sp)) out.items.push_back(item);
    }
    out.frames = out.items.size();
    out.end = thread.end;
    out.complete = thread.complete;
    return out;
}

bool is_alive(const golang::Goroutine& goroutine) {
    return goroutine.status_name != "dead" && goroutine.status_name != "idle" && goroutine.status_name != "deadextra";
}

// The runtime's clock when a goroutine was last seen to wait: no later than the crash.
std::uint64_t newest_stamp(const std::vector<golang::Goroutine>& goroutines) {
    std::uint64_t newest = 0;
    for (const golang::Goroutine& one : goroutines) newest = std::max(newest, one.wait_since);
    return newest;
}

void add_to(GoroutineGroup& group, const golang::Goroutine& goroutine, std::uint64_t now) {
    group.ids.push_back(goroutine.id);
    if (goroutine.wait_since != 0) group.waiting_for = std::max(group.waiting_for, now - goroutine.wait_since);
}

std::vector<golang::Goroutine> all_alive(const Crash& crash) {
    std::vector<golang::Goroutine> out;
    const golang::GoroutineReader* reader = crash.go->goroutines();
    if (reader == nullptr) return out;
    for (std::uint64_t address : crash.go->all()) {
        if (auto goroutine = reader->read(address); goroutine && is_alive(*goroutine)) out.push_back(*goroutine);
        if (out.size() == most_goroutines) break;
    }
    return out;
}

}  // namespace

GoroutineStacks::GoroutineStacks(Crash& crash) : crash_(crash) {
    for (const ThreadStatus& status : crash.process.notes.threads) {
        Stack stack = crash.unwinder.unwind(status.registers, status.id);
        const auto& thread = crash.go_frames->thread();
        if (thread && thread->current) running_.emplace(thread->current->address, std::move(stack));
    }
}

Stack GoroutineStacks::stack_of(const golang::Goroutine& goroutine) {
    bool runs = goroutine.status_name == "running";
    if (auto thread = running_.find(goroutine.address); runs && thread != running_.end()) {
        Stack part = part_on(goroutine, thread->second);
        if (!part.items.empty()) return part;
    }
    bool system_call = goroutine.syscall_sp != 0;
    Registers registers(crash_.process.layout);
    registers.set(crash_.process.layout->pc, system_call ? goroutine.syscall_pc : goroutine.saved.pc);
    registers.set(crash_.process.layout->sp, system_call ? goroutine.syscall_sp : goroutine.saved.sp);
    // One that has not run yet starts at its function; every other pc follows a call.
    bool fresh = crash_.go->starts_function(registers.pc().value_or(0));
    return crash_.unwinder.unwind(registers, 0, {.exact = fresh, .most_frames = most_frames});
}

std::optional<golang::Goroutine> goroutine_of_stack(const Crash& crash, std::uint64_t address) {
    std::vector<golang::Goroutine> all = all_alive(crash);
    auto found = std::ranges::find_if(all, [&](const golang::Goroutine& one) { return one.stack.contains(address); });
    return found == all.end() ? std::nullopt : std::optional(*found);
}

std::optional<golang::Goroutine> goroutine_of(const Crash& crash, const Stack& stack) {
    for (std::size_t i = stack.items.size(); i-- > 0;) {
        const Frame& frame = stack.items[i].frame;
        if (crash.go->program().module_at(frame.lookup_pc()) == nullptr) continue;
        if (auto goroutine = goroutine_of_stack(crash, frame.sp)) return goroutine;
    }
    return std::nullopt;
}

Goroutines goroutine_with(Crash& crash, std::uint64_t id) {
    Goroutines out;
    std::vector<golang::Goroutine> all = all_alive(crash);
    out.found = !all.empty();
    auto found = std::ranges::find(all, id, &golang::Goroutine::id);
    if (found == all.end()) return out;
    out.count = 1;
    out.groups.push_back({.ids = {}, .first = *found, .stack = GoroutineStacks(crash).stack_of(*found)});
    add_to(out.groups.front(), *found, newest_stamp(all));
    return out;
}

Goroutines group_goroutines(Crash& crash) {
    Goroutines out;
    std::vector<golang::Goroutine> all = all_alive(crash);
    out.found = !all.empty();
    out.count = all.size();
    std::uint64_t now = newest_stamp(all);
    GoroutineStacks stacks(crash);
    using Key = std::tuple<std::vector<std::uint64_t>, std::string_view, std::string_view, std::uint64_t>;
    std::map<Key, std::size_t> groups;
    for (const golang::Goroutine& goroutine : all) {
        Stack stack = stacks.stack_of(goroutine);
        std::vector<std::uint64_t> places;
        places.reserve(stack.items.size());
        for (const StackItem& item : stack.items) places.push_back(item.frame.pc);
        auto [known, fresh] = groups.try_emplace(
            Key(std::move(places), goroutine.status_name, goroutine.wait_reason, created_at(goroutine)), out.groups.size());
        if (fresh) out.groups.push_back({.ids = {}, .first = goroutine, .stack = std::move(stack)});
        add_to(out.groups[known->second], goroutine, now);
    }
    for (GoroutineGroup& group : out.groups) std::ranges::sort(group.ids);
    std::ranges::stable_sort(out.groups, [](const GoroutineGroup& a, const GoroutineGroup& b) {
        return a.ids.size() != b.ids.size() ? a.ids.size() > b.ids.size() : a.ids.front() < b.ids.front();
    });
    return out;
}

}  // namespace abiscope::core

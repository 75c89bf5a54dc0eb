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

class Reader {
public:
    explicit Reader(Crash& crash) : crash_(crash) {}

    // By the address of each goroutine that runs: the stack of its thread.
    void read_threads() {
        for (const ThreadStatus& status : crash_.process.notes.threads) {
            Stack stack = crash_.unwinder.unwind(status.registers, status.id);
            const auto& thread = crash_.go_frames->thread();
            if (thread && thread->current) running_.emplace(thread->current->address, std::move(stack));
        }
    }

    [[nodiscard]] Stack stack_of(const golang::Goroutine& goroutine) {
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

private:
    Crash& crash_;
    std::map<std::uint64_t, Stack> running_;
};

}  // namespace

Goroutines group_goroutines(Crash& crash) {
    Goroutines out;
    const golang::GoroutineReader* reader = crash.go->goroutines();
    if (reader == nullptr) return out;
    std::vector<std::uint64_t> addresses = reader->find_all(crash.go->program().main().module);
    out.found = !addresses.empty();
    Reader stacks(crash);
    stacks.read_threads();
    using Key = std::tuple<std::vector<std::uint64_t>, std::string_view, std::string_view, std::uint64_t>;
    std::map<Key, std::size_t> groups;
    for (std::uint64_t address : addresses) {
        auto goroutine = reader->read(address);
        if (!goroutine || goroutine->status_name == "dead" || goroutine->status_name == "idle" || goroutine->status_name == "deadextra")
            continue;
        if (++out.count > most_goroutines) break;
        std::uint64_t created_at = goroutine->id == 1 ? 0 : goroutine->created_at;   // that of main.main: by the start of the program
        Stack stack = stacks.stack_of(*goroutine);
        std::vector<std::uint64_t> places;
        places.reserve(stack.items.size());
        for (const StackItem& item : stack.items) places.push_back(item.frame.pc);
        auto [known, fresh] =
            groups.try_emplace(Key(std::move(places), goroutine->status_name, goroutine->wait_reason, created_at), out.groups.size());
        if (fresh) {
            out.groups.push_back({.ids = {},
                                  .status = goroutine->status_name,
                                  .wait_reason = goroutine->wait_reason,
                                  .in_system_call = goroutine->syscall_sp != 0,
                                  .created_at = created_at,
                                  .stack = std::move(stack)});
        }
        out.groups[known->second].ids.push_back(goroutine->id);
    }
    for (GoroutineGroup& group : out.groups) std::ranges::sort(group.ids);
    std::ranges::stable_sort(out.groups, [](const GoroutineGroup& a, const GoroutineGroup& b) {
        return a.ids.size() != b.ids.size() ? a.ids.size() > b.ids.size() : a.ids.front() < b.ids.front();
    });
    return out;
}

}  // namespace abiscope::core

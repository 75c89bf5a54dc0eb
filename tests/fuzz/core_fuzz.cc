// A core dump from its first byte to the printed cause.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes/source.h"
#include "core/cpu.h"
#include "core/crash.h"
#include "core/goroutine_stacks.h"
#include "report/core_report.h"
#include "report/core_view.h"
#include "report/demangle.h"
#include "report/place_view.h"
#include "report/redact.h"
#include "rules/crash.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    auto process = core::open_process(Source::from_memory("core", std::vector<std::byte>(bytes, bytes + size)), nullptr);
    if (!process) {
        static_cast<void>(process.error().describe());
        return 0;
    }
    core::Crash crash(*process);
    report::CoreAnswer answer{.path = "core", .crash = &crash, .diagnosis = rules::diagnose(crash)};
    answer.bucket = rules::bucket_of(crash, answer.diagnosis, report::demangled);
    if (crash.go) {
        answer.goroutines = core::group_goroutines(crash);
        answer.heap = core::GoHeap::open(*crash.go);
        answer.slots = core::live_slots(crash, crash.stack, core::goroutine_of(crash, crash.stack));
    }
    const core::GoHeap* heap = answer.heap ? &*answer.heap : nullptr;
    for (std::uint64_t address : {crash.fault.pc, crash.fault.fault_address.value_or(0), crash.fault.registers.sp().value_or(0)})
        static_cast<void>(report::place_text(crash, core::find_place(crash, address, heap), heap, {}));
    report::Json json = report::core_json(answer);
    report::Redactor redactor(crash, answer.diagnosis, answer.path);
    static_cast<void>(redactor.text(report::core_ticket(answer)));
    redactor.json(json);
    if (auto reported = report::read_core_report(report::dump(report::core_json(answer), false), "report"))
        static_cast<void>(report::verification_text(rules::verify(crash, *reported), {}));
    static_cast<void>(report::core_text(answer, {}, {}));
    static_cast<void>(report::dump(report::core_json(answer), false));
    static_cast<void>(core::crashed_cpu(*process));
    return 0;
}

// A core dump from its first byte to the printed cause.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes/source.h"
#include "core/cpu.h"
#include "core/crash.h"
#include "report/core_view.h"
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
    static_cast<void>(report::core_text(answer, {}, {}));
    static_cast<void>(report::dump(report::core_json(answer), false));
    static_cast<void>(core::crashed_cpu(*process));
    return 0;
}

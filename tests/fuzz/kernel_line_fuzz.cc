// A log of the kernel to printed causes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/line_process.h"
#include "report/core_view.h"
#include "rules/crash_line.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    std::size_t told = 0;
    for (const core::KernelLine& line : core::read_kernel_lines({reinterpret_cast<const char*>(data), size})) {
        auto found = core::process_of(line, nullptr, nullptr);
        if (!found || ++told > 8) continue;
        core::Crash crash(found->process);
        report::CoreAnswer answer{.path = "kernel line", .crash = &crash, .diagnosis = rules::diagnose_line(crash, line, found->facts)};
        static_cast<void>(report::core_text(answer, {}, {}));
        static_cast<void>(report::dump(report::core_json(answer), false));
    }
    return 0;
}

// The whole of `abiscope check` of one hostile program: kernel, loader, sweep, findings, fixes tried, and printing.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "report/check_text.h"
#include "report/json.h"
#include "rules/check.h"
#include "support/small_target.h"

using namespace abiscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const target::Target target = test::small_target();
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(data[i]);
    loader::ModuleCache cache(target.files);
    rules::CheckRequest request;
    request.program = {.path = "./input",
                       .module = loader::make_module(Source::from_memory("input", std::move(bytes))),
                       .status = {.mode = 0755, .uid = 1000, .gid = 1000, .size = size}};
    request.name = "./input";
    request.options.keep_traces = true;
    request.options.keep_bindings = true;
    rules::Checked checked = rules::check(request, target, cache);
    report::CheckedFile one{.subject = {.path = "input"},
                            .target = target.name,
                            .outcome = std::move(checked.outcome),
                            .findings = std::move(checked.findings)};
    static_cast<void>(report::check_text(one, {}, true));
    static_cast<void>(report::resolve_text(one, {}, true, true));
    static_cast<void>(report::dump(report::to_json(one.outcome), false));
    static_cast<void>(report::dump(report::to_json(one.findings), false));
    return 0;
}

#include "cli/checked_file.h"

#include <sys/stat.h>

#include "cli/file_capabilities.h"
#include "cli/subjects.h"
#include "inspect/elf_linkage.h"
#include "inspect/inspect.h"
#include "loader/kernel_open.h"
#include "object/detect.h"
#include "rules/check.h"

namespace abiscope::cli {

namespace {

// The file's own permissions decide; standard input has none and counts as an executable file of the user.
target::FileStatus status_of(const std::string& path, std::uint64_t size) {
    target::FileStatus status{.mode = 0755, .size = size};
    struct stat found{};
    if (path == "-" || ::stat(path.c_str(), &found) != 0) return status;
    status.mode = found.st_mode & 07777;
    status.uid = found.st_uid;
    status.gid = found.st_gid;
    status.device = found.st_dev;
    status.inode = found.st_ino;
    status.modified = static_cast<std::uint64_t>(found.st_mtime);
    return status;
}

// A file that lies on the target itself is mounted there as it is.
void learn_of_mount(target::FileStatus& status, const std::string& place, const target::Target& target) {
    if (!target.files) return;
    std::string path = loader::absolute_path(place, target);
    auto there = target.files->status(path, target.user);
    if (!there) there = target.files->status(path, target::Credentials{});
    if (!there || there->device != status.device || there->inode != status.inode) return;
    status.no_execute = there->no_execute;
    status.no_setuid = there->no_setuid;
    status.may_execute = there->may_execute;
}

Result<inspect::Card> light_card(const SourcePtr& source) {
    inspect::Options light;
    light.symbols = false;
    light.instructions = false;
    finding::Sink unheard;
    return inspect::inspect(source, light, unheard);
}

inspect::Subject subject_of(const loader::Module& module, const SourcePtr& source) {
    if (const elf::Image* image = module.image()) return inspect::elf_subject(*image, module.notes(), inspect::elf_linkage(*image));
    if (auto card = light_card(source)) return std::move(card->subject);
    inspect::Subject subject;
    subject.format = object::format_name(object::detect(source->view()).kind);
    subject.size = source->size();
    return subject;
}

std::optional<golang::BuildInfo> go_of(const SourcePtr& source) {
    auto card = light_card(source);
    return card ? std::move(card->go) : std::nullopt;
}

}  // namespace

CheckAnswer check_file(const CheckOptions& options, const TargetOptions& place, Machines& machines, const std::string& path,
                       const std::string& target_name) {
    CheckAnswer answer;
    auto source = open_subject(path);
    if (!source) {
        answer.error = source.error();
        return answer;
    }
    loader::ModulePtr module = loader::make_module(*source);
    auto machine = machines.get(target_name, module->architecture());
    if (!machine) {
        answer.error = machine.error();
        answer.usage = machine.error().code == ErrorCode::bad_usage;
        return answer;
    }
    Machine& on = **machine;
    rules::CheckRequest request;
    request.program = {.path = place_on(on.target, place, path), .module = module, .status = status_of(path, (*source)->size())};
    learn_of_mount(request.program.status, request.program.path, on.target);
    request.program.status.permits_capabilities = on.target.user.uid != 0 && permits_capabilities(path);
    request.name = request.program.path;
    request.options.symbols = !options.no_symbols;
    request.options.bind_now = options.bind_now;
    request.options.keep_traces = options.resolve;
    request.options.keep_bindings = options.bindings;
    request.sweep = !options.resolve && (options.isa == "sweep" || (options.isa == "auto" && on.sweep_worthwhile));
    request.fixes = !options.no_fixes && !options.resolve;
    request.go_of = [&source] { return go_of(*source); };
    rules::Checked checked = rules::check(request, on.target, *on.cache);
    answer.checked =
        report::CheckedFile{subject_of(*module, *source), *source, on.target.name, std::move(checked.outcome), std::move(checked.findings)};
    answer.checked->subject.path = path;
    return answer;
}

report::Json check_json(const report::CheckedFile& one, bool bindings) {
    report::Json json{{"subject", report::to_json(one.subject)}, {"target", one.target}};
    json.update(report::to_json(one.outcome));
    json["libraries"] = report::libraries_json(one.outcome);
    if (bindings) json["bindings"] = report::bindings_json(one.outcome);
    json["findings"] = report::to_json(one.findings);
    return json;
}

}  // namespace abiscope::cli

// `layout --boundary`: the types of a program that its exported symbols lead to.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/json.h"
#include "source/program_source.h"
#include "surface/crossing.h"
#include "surface/surface.h"

namespace abiscope::cli {

struct Boundary {
    surface::Surface surface;
    surface::CrossingRecords records;
    std::vector<std::string> undescribed;   // symbols of which debug information says nothing: what crosses there is not known
};

// Errors: those of surface::read_surface().
[[nodiscard]] Result<Boundary> read_boundary(const source::ProgramSource& program);

// What crosses and is not shown, in lines for people. `not_found`: records that cross of which there is no layout.
[[nodiscard]] std::string rest_text(const Boundary& boundary, const std::vector<std::string>& not_found);

[[nodiscard]] report::Json boundary_json(const Boundary& boundary, const std::vector<std::string>& not_found);

}  // namespace abiscope::cli

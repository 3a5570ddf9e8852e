# SPDX-License-Identifier: Apache-2.0
# The page of reports and comparisons: one HTML file that needs nothing else. Its figures are drawn by Observable Plot
# and d3, which scripts/plot.sh fetches.
#
# farpoint_page(OUTPUT)   a rule that makes the file OUTPUT out of src/report/page, and the target farpoint_page.
# What fills the page in replaces
#   @FARPOINT_DATA@    once, inside <script type="application/json">: JSON in which every < is written as \u003c
#   @FARPOINT_TITLE@   once: text of HTML, with &, < and > escaped
#   @FARPOINT_NONCE@   everywhere, by the same word of letters and digits, before the other two
set(FARPOINT_PAGE_SCRIPTS
    format.js dom.js records.js tables.js figures.js charts.js bars.js
    headline.js funnel.js distributions.js map.js map_drawing.js coverage.js neighbours.js tail.js performance.js configuration.js
    compare.js compare_distributions.js main.js)

function(farpoint_page output)
  set(page ${PROJECT_SOURCE_DIR}/src/report/page)
  list(TRANSFORM FARPOINT_PAGE_SCRIPTS PREPEND ${page}/ OUTPUT_VARIABLE scripts)
  list(JOIN FARPOINT_PAGE_SCRIPTS "," names)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DPAGE=${page} -DPLOT=${PROJECT_SOURCE_DIR}/.deps/plot -DSCRIPTS=${names} -DOUTPUT=${output}
            -P ${PROJECT_SOURCE_DIR}/cmake/assemble_page.cmake
    DEPENDS ${page}/page.html ${page}/style.css ${scripts} ${PROJECT_SOURCE_DIR}/cmake/assemble_page.cmake
            ${PROJECT_SOURCE_DIR}/cmake/FarpointPage.cmake ${PROJECT_SOURCE_DIR}/scripts/plot.sh
    COMMENT "Assembling the page of reports" VERBATIM)
  add_custom_target(farpoint_page DEPENDS ${output})
endfunction()

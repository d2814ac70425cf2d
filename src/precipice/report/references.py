"""What methods rest on, to be cited where they were used."""

from collections.abc import Mapping

REFERENCES: Mapping[str, tuple[str, str]] = {
    "benjamini": (
        "Benjamini & Hochberg 1995",
        "Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate: a practical and powerful approach "
        "to multiple testing. Journal of the Royal Statistical Society B 57(1), 289–300.",
    ),
    "berger": (
        "Berger 1982",
        "Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics 24(4), "
        "295–300.",
    ),
    "chao": (
        "Chao et al. 2014",
        "Chao, A., Gotelli, N. J., Hsieh, T. C., Sander, E. L., Ma, K. H., Colwell, R. K. & Ellison, A. M. (2014). "
        "Rarefaction and extrapolation with Hill numbers. Ecological Monographs 84(1), 45–67.",
    ),
    "coverage": (
        "Chao & Jost 2012",
        "Chao, A. & Jost, L. (2012). Coverage-based rarefaction and extrapolation: standardizing samples by "
        "completeness rather than size. Ecology 93(12), 2533–2547.",
    ),
    "efron": (
        "Efron 2004",
        "Efron, B. (2004). Large-scale simultaneous hypothesis testing: the choice of a null hypothesis. Journal of "
        "the American Statistical Association 99(465), 96–104.",
    ),
    "fay": (
        "Fay & Feuer 1997",
        "Fay, M. P. & Feuer, E. J. (1997). Confidence intervals for directly standardized rates: a method based on the "
        "gamma distribution. Statistics in Medicine 16(7), 791–801.",
    ),
    "garwood": (
        "Garwood 1936",
        "Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28(3/4), 437–442.",
    ),
    "holm": (
        "Holm 1979",
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics "
        "6(2), 65–70.",
    ),
    "kaplan": (
        "Kaplan & Meier 1958",
        "Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the "
        "American Statistical Association 53(282), 457–481.",
    ),
    "monroe": (
        "Monroe, Colaresi & Quinn 2008",
        "Monroe, B. L., Colaresi, M. P. & Quinn, K. M. (2008). Fightin' words: lexical feature selection and "
        "evaluation for identifying the content of political conflict. Political Analysis 16(4), 372–403.",
    ),
    "paule": (
        "DerSimonian & Kacker 2007",
        "DerSimonian, R. & Kacker, R. (2007). Random-effects model for meta-analysis of clinical trials: an update. "
        "Contemporary Clinical Trials 28(2), 105–114.",
    ),
    "porres": (
        "Porres & Gomez-Villa 2024",
        "Porres, D. & Gomez-Villa, A. (2024). At the edge of a generative cultural precipice. arXiv:2406.08739.",
    ),
    "satterthwaite": (
        "Satterthwaite 1946",
        "Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics "
        "Bulletin 2(6), 110–114.",
    ),
    "schuemie": (
        "Schuemie et al. 2014",
        "Schuemie, M. J., Ryan, P. B., DuMouchel, W., Suchard, M. A. & Madigan, D. (2014). Interpreting observational "
        "studies: why empirical calibration is needed to correct p-values. Statistics in Medicine 33(2), 209–218.",
    ),
    "simonsohn": (
        "Simonsohn, Simmons & Nelson 2020",
        "Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour 4, "
        "1208–1214.",
    ),
    "tiwari": (
        "Tiwari, Clegg & Zou 2006",
        "Tiwari, R. C., Clegg, L. X. & Zou, Z. (2006). Efficient interval estimation for age-adjusted cancer rates. "
        "Statistical Methods in Medical Research 15(6), 547–569.",
    ),
}
"""Key → how it is cited in a sentence, and in a list."""
